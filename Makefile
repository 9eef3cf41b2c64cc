.PHONY: fmt lint test docs check run

fmt: ; cargo xfmt
lint: ; cargo clippy --all-targets --locked -- -D warnings
test: ; tests/run
docs: ; RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked
check: ; .ci/run
run: ; cargo run --locked -- $(ARGS)
