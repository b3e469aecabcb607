//! Every limit of the core, so that bad input costs bounded time and memory. The unit is last in
//! the name.

/// The longest address that may become a link; browsers and servers cut off beyond it as well.
pub const LINK_BYTES_MAX: usize = 2048;
/// The longest host name (RFC 1035).
pub const HOST_BYTES_MAX: usize = 253;
/// The longest name before the `@` of a mail address (RFC 5321).
pub const EMAIL_NAME_BYTES_MAX: usize = 64;
/// The longest domain of a mail address (RFC 5321).
pub const EMAIL_DOMAIN_BYTES_MAX: usize = 255;
/// How deep lists and quotations of a message may nest; what is deeper is plain text.
pub const MESSAGE_DEPTH_MAX: usize = 8;
