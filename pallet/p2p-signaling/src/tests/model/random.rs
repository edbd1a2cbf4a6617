//! What chooses the calls.

use super::{state::Key as Number, ACCOUNTS, KEYS};

/// A number from the environment. One that cannot be read is not taken for the default: a run that
/// was meant to be long would pass as one that is not.
pub fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(value) => {
            let digits = value.replace('_', "");
            digits.parse().unwrap_or_else(|_| panic!("{name}={value} is no number"))
        },
        Err(_) => default,
    }
}

/// SplitMix64: enough to choose calls, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn one_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }

    /// Mostly a key that is used for accounts.
    pub fn account(&mut self) -> Number {
        if self.one_in(25) {
            self.below(KEYS as u64) as usize
        } else {
            self.below(ACCOUNTS as u64) as usize
        }
    }

    /// Mostly a key that is used for devices.
    pub fn device(&mut self) -> Number {
        if self.one_in(25) {
            self.below(KEYS as u64) as usize
        } else {
            ACCOUNTS + self.below((KEYS - ACCOUNTS) as u64) as usize
        }
    }
}
