//! Bodies that are made while they are sent.

use std::io;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;

/// How long a body may take to be sent: a reader who is slower holds on to a snapshot for nothing.
const LONGEST: Duration = Duration::from_mins(2);

/// A body of pieces, each made when there is room for it. Between two, others have their turn.
///
/// Who reads too slowly meets a connection that breaks off, which no reader takes for the end.
pub(super) fn body(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Body {
    let deadline = Box::pin(tokio::time::sleep(LONGEST));
    Body::from_stream(stream::unfold(Some((pieces, deadline)), |state| async {
        let (mut pieces, mut deadline) = state?;
        tokio::select! {
            biased;
            () = &mut deadline => Some((Err(io::Error::from(io::ErrorKind::TimedOut)), None)),
            () = tokio::task::yield_now() => {
                let piece = pieces.next()?;
                Some((Ok(piece), Some((pieces, deadline))))
            }
        }
    }))
}
