//! How many sockets there are, in all and of each address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::{Notify, Semaphore};

/// The count.
#[derive(Debug)]
pub struct Sockets {
    all_max: usize,
    per_address_max: usize,
    room_bytes: u32,
    open: Mutex<Open>,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, OfAddress>,
}

#[derive(Debug)]
struct OfAddress {
    open: usize,
    room: Arc<Semaphore>,
}

/// A socket's place in the count; dropping it gives it back.
#[derive(Debug)]
pub struct Slot {
    sockets: Arc<Sockets>,
    address: IpAddr,
    room: Arc<Semaphore>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// In all.
    Desk,
    /// For this address.
    Address,
}

impl Sockets {
    /// None yet. What waits for all of one address may take so many bytes.
    pub fn new(all_max: u32, per_address_max: u32, room_bytes: u32) -> Self {
        Self {
            all_max: all_max as usize,
            per_address_max: per_address_max as usize,
            room_bytes,
            open: Mutex::default(),
            emptied: Notify::new(),
        }
    }

    /// Takes a place.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Slot, Full> {
        let address = subscriber(address);
        let mut open = self.open();
        if open.all >= self.all_max {
            return Err(Full::Desk);
        }
        let of_address = open.by_address.entry(address);
        let of_address = of_address.or_insert_with(|| OfAddress {
            open: 0,
            room: Arc::new(Semaphore::new(self.room_bytes as usize)),
        });
        if of_address.open >= self.per_address_max {
            return Err(Full::Address);
        }
        of_address.open += 1;
        let room = of_address.room.clone();
        open.all += 1;
        Ok(Slot {
            sockets: self.clone(),
            address,
            room,
        })
    }

    /// How many are open.
    pub fn count(&self) -> u32 {
        u32::try_from(self.open().all).unwrap_or(u32::MAX)
    }

    /// Resolves when no socket is open.
    pub async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.open().all == 0 {
                return;
            }
            emptied.await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Slot {
    /// Whose it is.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// What may wait for this address, one permit per byte.
    pub fn room(&self) -> Arc<Semaphore> {
        self.room.clone()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.sockets.open();
        open.all -= 1;
        if let Some(of_address) = open.by_address.get_mut(&self.address) {
            of_address.open -= 1;
            if of_address.open == 0 {
                open.by_address.remove(&self.address);
            }
        }
        if open.all == 0 {
            self.sockets.emptied.notify_waiters();
        }
    }
}

/// An IPv6 subscriber has a /64 of addresses and counts as one.
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_own_limit_and_gives_places_back() {
        let sockets = Arc::new(Sockets::new(3, 2, 0));
        let [a, b] = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().unwrap());
        let first = sockets.enter(a).unwrap();
        let _second = sockets.enter(a).unwrap();
        assert_eq!(sockets.enter(a).unwrap_err(), Full::Address);
        let _third = sockets.enter(b).unwrap();
        assert_eq!(sockets.enter(b).unwrap_err(), Full::Desk);
        drop(first);
        assert!(sockets.enter(a).is_ok());
    }

    #[test]
    fn addresses_of_one_ipv6_subscriber_count_together() {
        let [a, b] = ["2001:db8::1", "2001:db8::ffff"].map(|ip| ip.parse().unwrap());
        assert_eq!(subscriber(a), subscriber(b));
    }
}
