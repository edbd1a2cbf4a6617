//! Random signed calls.

use super::*;

impl Run {
    pub(super) fn signed_call(&mut self, who: Number) -> (Call<Test>, state::Answer) {
        let (random, model) = (&mut self.random, &mut self.model);
        let bytes = vec![random.next() as u8; random.below(4) as usize];
        match random.below(100) {
            0..=34 => {
                // One device that everybody wants.
                let to = random.device();
                let to = if random.one_in(3) { to } else { model.favourite_device().unwrap_or(to) };
                let kind = [SignalKind::Offer, SignalKind::Ping][random.below(2) as usize];
                let payload = bytes.try_into().expect("short");
                let call = Call::send_signaling { to: model.ids[to].clone(), kind, payload };
                (call, model.signal(who, to, kind))
            },
            35..=54 => {
                let to = random.account();
                let first = model.people.keys().next().copied();
                let to = if random.one_in(3) { to } else { first.unwrap_or(to) };
                let empty = random.one_in(20);
                let cid = if empty { Default::default() } else { cid() };
                let call = Call::notify_offline_message { to: model.ids[to].clone(), cid };
                (call, model.notify(who, to, empty))
            },
            55..=64 => (Call::heartbeat {}, model.presence(who, true)),
            65..=66 => (Call::go_offline {}, model.presence(who, false)),
            67..=70 => {
                let profile = bytes.clone().try_into().expect("short");
                (Call::set_profile { profile }, model.set_profile(who, bytes))
            },
            71..=74 => {
                let info = bytes.clone().try_into().expect("short");
                (Call::register_peer_info { info }, model.set_peer_info(who, bytes))
            },
            75..=78 => {
                let up_to = model.next.saturating_sub(random.below(40));
                (Call::clear_signaling { up_to }, model.clear_signals(who, up_to))
            },
            79..=80 => {
                let up_to = model.next.saturating_sub(random.below(60));
                (Call::clear_notifications { up_to }, model.clear_notices(who, up_to))
            },
            81 => {
                let other = random.account();
                let account = model.ids[other].clone();
                (Call::block_user { account }, model.block(who, other))
            },
            82..=88 => {
                let other = random.account();
                let account = model.ids[other].clone();
                (Call::unblock_user { account }, model.unblock(who, other))
            },
            89..=93 => {
                let sequence = random.below(1_000);
                let call = Call::set_chat_backup { cid: cid(), sequence, digest: [0; 32] };
                (call, model.set_backup(who, sequence))
            },
            94..=95 => (Call::clear_chat_backup {}, model.clear_backup(who)),
            96..=97 => {
                let other = if random.one_in(3) { who } else { random.device() };
                let device = model.ids[other].clone();
                (Call::revoke_device { device }, model.revoke(who, other))
            },
            98 => (Call::deregister {}, model.leave(who)),
            _ => (Call::renew {}, model.renew(who)),
        }
    }
}
