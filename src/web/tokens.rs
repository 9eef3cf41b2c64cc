//! A token bucket for requests, which needs no clock: tokens come back by a timer.

use std::convert::Infallible;

use tokio::sync::{Notify, Semaphore};

use super::settings::RateLimit;

/// As many tokens as may be spent at once; one comes back after each interval.
#[derive(Debug)]
pub(super) struct Tokens {
    limit: RateLimit,
    left: Semaphore,
    spent: Notify,
}

impl Tokens {
    /// A full bucket.
    pub(super) fn new(limit: RateLimit) -> Self {
        let most = limit.burst.min(Semaphore::MAX_PERMITS);
        Self {
            limit,
            left: Semaphore::new(most),
            spent: Notify::new(),
        }
    }

    /// Spends a token, if there is one.
    pub(super) fn spend(&self) -> bool {
        let token = self.left.try_acquire();
        let had = token.is_ok();
        if let Ok(token) = token {
            token.forget();
            self.spent.notify_one();
        }
        had
    }

    /// Gives tokens back for as long as it is polled; sleeps while the bucket is full.
    pub(super) async fn refill(&self) -> Infallible {
        loop {
            while self.left.available_permits() >= self.limit.burst {
                self.spent.notified().await;
            }
            tokio::time::sleep(self.limit.interval).await;
            self.left.add_permits(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_spent_bucket_fills_again_and_never_beyond_its_burst() {
        let tokens = Tokens::new(RateLimit {
            interval: Duration::from_millis(1),
            burst: 2,
        });
        assert_eq!(
            [tokens.spend(), tokens.spend(), tokens.spend()],
            [true, true, false]
        );
        let full = async {
            while tokens.left.available_permits() < 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            () = full => {}
            _ = tokens.refill() => {}
        }
        assert_eq!(
            [tokens.spend(), tokens.spend(), tokens.spend()],
            [true, true, false]
        );
    }
}
