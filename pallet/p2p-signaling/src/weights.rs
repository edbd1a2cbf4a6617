//! Weights, written by hand.

use frame_support::weights::Weight;

/// What the pallet needs to know about its costs.
pub trait WeightInfo {
    /// Weight of `register`.
    fn register() -> Weight;
    /// Weight of `add_device`.
    fn add_device() -> Weight;
    /// Weight of `revoke_device`.
    fn revoke_device() -> Weight;
    /// Weight of `set_profile`.
    fn set_profile() -> Weight;
    /// Weight of `deregister`.
    fn deregister() -> Weight;
    /// Weight of `heartbeat`.
    fn heartbeat() -> Weight;
    /// Weight of `go_offline`.
    fn go_offline() -> Weight;
    /// Weight of `register_peer_info`.
    fn register_peer_info() -> Weight;
    /// Weight of `send_signaling`.
    fn send_signaling() -> Weight;
    /// Weight of `clear_signaling`.
    fn clear_signaling() -> Weight;
    /// Weight of `block_user`.
    fn block_user() -> Weight;
    /// Weight of `unblock_user`.
    fn unblock_user() -> Weight;
    /// Weight of `notify_offline_message`.
    fn notify_offline_message() -> Weight;
    /// Weight of `clear_notifications`.
    fn clear_notifications() -> Weight;
    /// Weight of `register_group`.
    fn register_group() -> Weight;
    /// Weight of `commit_group_epoch`.
    fn commit_group_epoch() -> Weight;
    /// Weight of `close_group`.
    fn close_group() -> Weight;
    /// Weight of `set_chat_backup`.
    fn set_chat_backup() -> Weight;
    /// Weight of `clear_chat_backup`.
    fn clear_chat_backup() -> Weight;
    /// Weight of `authorize_register`.
    fn authorize_register() -> Weight;
    /// Weight of `authorize_add_device`.
    fn authorize_add_device() -> Weight;
    /// Weight of `authorize_register_group`.
    fn authorize_register_group() -> Weight;
    /// Weight of `authorize_commit_group_epoch`.
    fn authorize_commit_group_epoch() -> Weight;
    /// Weight of `authorize_close_group`.
    fn authorize_close_group() -> Weight;
    /// Weight of the sweep over `n` deadlines.
    fn on_initialize(n: u32) -> Weight;
}

impl WeightInfo for () {
    fn register() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn add_device() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn revoke_device() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn set_profile() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn deregister() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn heartbeat() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn go_offline() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn register_peer_info() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn send_signaling() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn clear_signaling() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn block_user() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn unblock_user() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn notify_offline_message() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn clear_notifications() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn register_group() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn commit_group_epoch() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn close_group() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn set_chat_backup() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn clear_chat_backup() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn authorize_register() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn authorize_add_device() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn authorize_register_group() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn authorize_commit_group_epoch() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn authorize_close_group() -> Weight {
        Weight::from_parts(500_000_000, 8_192)
    }
    fn on_initialize(n: u32) -> Weight {
        Weight::from_parts(500_000_000, 8_192).saturating_mul(n.into())
    }
}
