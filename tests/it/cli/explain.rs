//! `explain` has a page for whatever a report can name.

use authvigil::domain::advice::AdviceCode;
use authvigil::domain::finding::Reason;

use crate::support::program::Scene;

fn codes() -> impl Iterator<Item = &'static str> {
    let reasons = Reason::ALL.iter().map(|reason| reason.as_str());
    reasons.chain(AdviceCode::ALL.iter().map(|code| code.as_str()))
}

#[test]
fn every_reason_and_every_lint_has_a_page() {
    let scene = Scene::new();
    for code in codes() {
        let run = scene.run(&["explain", code]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{code}");
        assert!(
            run.stdout.starts_with(&format!("{code}  ")),
            "{code}: {}",
            run.stdout
        );
        assert!(
            run.stdout.contains("\nThe rule\n  "),
            "{code}: {}",
            run.stdout
        );
        assert!(
            run.stdout.lines().all(|line| line.chars().count() <= 100),
            "{code}"
        );
    }
}

#[test]
fn the_page_of_every_reason_has_causes_and_first_steps() {
    let scene = Scene::new();
    for reason in Reason::ALL {
        let page = scene.run(&["explain", reason.as_str()]).stdout;
        for heading in [
            "Likely causes, the likeliest first\n  1. ",
            "What to look at first\n  1. ",
        ] {
            assert!(page.contains(heading), "{page}");
        }
        let class = format!(
            "class {}, severity {}",
            reason.class().as_str(),
            reason.severity().as_str()
        );
        assert!(page.contains(&class), "{page}");
    }
}

#[test]
fn without_a_name_all_of_them_are_listed_once() {
    let run = Scene::new().run(&["explain"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let entries = run
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("  "));
    let mut listed: Vec<&str> = entries.filter_map(|line| line.split(' ').next()).collect();
    let mut all: Vec<&str> = codes().collect();
    listed.sort_unstable();
    all.sort_unstable();
    assert_eq!(listed, all);
}
