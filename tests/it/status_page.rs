//! The status page: what it says, and what a browser makes of it.

mod drawn;
mod said;
