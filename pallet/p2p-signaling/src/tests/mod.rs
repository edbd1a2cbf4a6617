//! The pallet's tests, by concern.

mod activity;
mod allowance;
mod backup;
mod blocks;
mod expiry;
mod groups;
mod identity;
mod model;
mod nonce;
mod notices;
mod presence;
mod proofs;
mod signals;
mod views;

/// Does something as a transaction that is authorized, without its signatures: for what a call
/// has to check by itself.
fn authorized() -> crate::mock::RuntimeOrigin {
    frame_system::RawOrigin::Authorized.into()
}
