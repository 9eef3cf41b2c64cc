//! What a probe by Digest costs against one that shows nothing, in CPU time of whoever knocks.
//!
//! The dance is two exchanges over two connections, so that it is to cost twice as much, and next to
//! nothing for the digests: less than 2.3 times in all, or this fails.

use std::io::{BufRead as _, BufReader, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use authvigil::clock::{SharedClock, SystemClock};
use authvigil::config;
use authvigil::credential::Keyring;
use authvigil::domain::endpoint::Endpoint;
use authvigil::probe::{Prober, visit};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use tokio::runtime::{Builder, Runtime};

/// Probes of one kind in a row, and how often both kinds take turns: what slows the machine down
/// for a while slows both.
const PROBES: usize = 100;
const ROUNDS: usize = 30;

/// So many times the CPU time of a plain probe are too many.
const MOST: f64 = 2.3;

const CHALLENGE: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\
                         WWW-Authenticate: Digest realm=\"orders\", charset=\"UTF-8\", \
                         algorithm=SHA-256, qop=\"auth\", \
                         nonce=\"6b0395b3:15a7dd081c589d777335fb59238dc5bd118fdbd504de1f72eb2382b1\
                         1274d405\"\r\n\r\n";
const OPEN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";

/// Everything that knocks.
struct Bench {
    runtime: Runtime,
    prober: Arc<Prober>,
    keyring: Keyring,
    endpoints: Vec<Endpoint>,
}

fn main() -> Result<ExitCode> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || serve(&listener));
    let bench = Bench::of(address)?;
    let [mut plain, mut digest] = [Duration::ZERO; 2];
    bench.knock(0)?;
    bench.knock(1)?;
    for _ in 0..ROUNDS {
        plain += bench.knock(0)?;
        digest += bench.knock(1)?;
    }
    let ratio = digest.as_secs_f64() / plain.as_secs_f64();
    let each = |sum: Duration| {
        sum.as_secs_f64() * 1e6 / f64::from(u32::try_from(PROBES * ROUNDS).unwrap_or(1))
    };
    let (plain, digest) = (each(plain), each(digest));
    let mut out = std::io::stdout();
    writeln!(
        out,
        "plain {plain:.0} µs, digest {digest:.0} µs of CPU time: {ratio:.2} times"
    )?;
    Ok(if ratio < MOST {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Bench {
    fn of(address: SocketAddr) -> Result<Self> {
        let text = format!(
            "credentials: {{reader: {{digest_auth: {{username: reader, password: s3cret}}}}}}\n\
             endpoints:\n  - {{name: plain, url: \"http://{address}/plain\"}}\n  \
             - {{name: digest, url: \"http://{address}/digest\", checks: [{{as: reader}}]}}\n"
        );
        let config = config::parse(Path::new("bench.yaml"), text);
        let config = config.map_err(|faults| std::io::Error::other(format!("{faults:?}")))?;
        let clock: SharedClock = Arc::new(SystemClock);
        let prober = Arc::new(Prober::new(Arc::clone(&clock)));
        let courier = Arc::clone(&prober);
        Ok(Self {
            runtime: Builder::new_current_thread().enable_all().build()?,
            keyring: Keyring::new(config.credentials, clock, courier),
            endpoints: config.endpoints,
            prober,
        })
    }

    /// The CPU time of this thread, which knocks, while it made probes of an endpoint's first check.
    fn knock(&self, endpoint: usize) -> Result<Duration> {
        let missing = || std::io::Error::other("no such check");
        let endpoint = self.endpoints.get(endpoint).ok_or_else(missing)?;
        let check = endpoint.checks.first().ok_or_else(missing)?;
        let target = self
            .prober
            .target(endpoint)
            .map_err(std::io::Error::other)?;
        let before = cpu_time()?;
        for _ in 0..PROBES {
            let knock = visit(
                &self.prober,
                &target,
                &check.persona,
                &self.keyring,
                endpoint.timeout,
            );
            let observation = self.runtime.block_on(knock).observation;
            let answer = observation.as_ref().ok().and_then(|it| it.answer());
            if answer.is_none_or(|answer| answer.status != 200) {
                return Err(std::io::Error::other(format!("{observation:?}")));
            }
        }
        Ok(cpu_time()?.saturating_sub(before))
    }
}

/// What this thread has computed so far: unlike the clock, it knows nothing of its neighbours.
fn cpu_time() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
    let times = [usage.user_time(), usage.system_time()];
    let micros = times.map(|time| u64::try_from(time.num_microseconds()).unwrap_or_default());
    Ok(micros.into_iter().map(Duration::from_micros).sum())
}

/// Opens at once, or asks for a digest first.
fn serve(listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        // Whoever knocks tells of it.
        let _answered = answer(&stream).is_ok();
    }
}

fn answer(mut stream: &TcpStream) -> Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let asks = lines
        .next()
        .transpose()?
        .is_some_and(|line| line.contains("/digest"));
    let mut is_shown = false;
    for line in lines {
        let line = line?;
        is_shown |= line
            .to_ascii_lowercase()
            .starts_with("authorization: digest ");
        if line.is_empty() {
            break;
        }
    }
    let answer = if asks && !is_shown { CHALLENGE } else { OPEN };
    stream.write_all(answer.as_bytes())
}
