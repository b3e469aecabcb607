//! Other tabs of the same visitor: a channel to tell them, and a lock that one of them holds.
//!
//! A browser that lacks either has no way to find a leader, so each of its tabs leads. Where the
//! channel is missing the store is looked at now and then while the page can be seen.

use super::Handle;
use super::callback::{listen, property};
use crate::input::Input;
use crate::limits::STORE_POLL_MS;
use crate::tabs::{Changed, TabMessage};
use crate::wasm::{from_js, to_js};
use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use js_sys::{Function, Object, Promise, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::BroadcastChannel;

/// How a lock is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    /// Now or never.
    IfAvailable,
    /// In line.
    InLine,
    /// From whoever holds it.
    Steal,
}

/// This tab among the others; dropping it leaves them, and the lead to one of them.
pub(super) struct Tabs {
    channel: Option<(BroadcastChannel, EventListener)>,
    _poll: Option<Interval>,
    lock: Option<Rc<Lock>>,
}

struct Lock {
    name: String,
    /// The browser's `navigator.locks`.
    locks: JsValue,
    request: Function,
    handle: Handle,
    /// Gives the lock back, while it is held.
    release: RefCell<Option<Function>>,
    in_line: Cell<bool>,
}

impl Tabs {
    /// Ends in `Shell::leads` or `Shell::follows`, and again whenever that changes.
    pub fn join(name: &str, handle: &Handle) -> Self {
        let channel = BroadcastChannel::new(name).ok().map(|channel| {
            let heard = handle.clone();
            let listener = listen(
                &channel,
                "message",
                Box::new(move |event| {
                    if let Ok(message) = from_js(property(event, "data")) {
                        heard.drive(Input::Told(message));
                    }
                }),
            );
            (channel, listener)
        });
        let lock = channel.as_ref().and_then(|_| Lock::find(name, handle));
        match &lock {
            Some(lock) => lock.ask(Ask::IfAvailable),
            None => handle.with(|shell| shell.leads(false)),
        }
        Self {
            _poll: channel.is_none().then(|| poll(handle.clone())),
            channel,
            lock,
        }
    }

    pub fn tell(&self, message: &TabMessage) {
        if let Some((channel, _)) = &self.channel {
            // A hint that cannot be given is no loss.
            let _ = channel.post_message(&to_js(message));
        }
    }

    pub fn steal(&self) {
        if let Some(lock) = &self.lock {
            lock.ask(Ask::Steal);
        }
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        if let Some((channel, _)) = &self.channel {
            channel.close();
        }
        if let Some(lock) = &self.lock {
            lock.give_back();
        }
    }
}

/// Without a channel: what another tab may have changed is looked for.
fn poll(handle: Handle) -> Interval {
    Interval::new(STORE_POLL_MS, move || {
        if super::signals::is_visible() {
            handle.drive(Input::Told(TabMessage::Changed(Changed {
                journal: true,
                ..Default::default()
            })));
        }
    })
}

impl Lock {
    /// `None` where the browser has no locks.
    fn find(name: &str, handle: &Handle) -> Option<Rc<Self>> {
        let navigator = property(&js_sys::global(), "navigator");
        let locks = property(&navigator, "locks");
        let request = property(&locks, "request");
        Some(Rc::new(Self {
            name: name.to_owned(),
            locks,
            request: request.dyn_into().ok()?,
            handle: handle.clone(),
            release: RefCell::default(),
            in_line: Cell::new(false),
        }))
    }

    fn ask(self: &Rc<Self>, how: Ask) {
        if how == Ask::InLine && self.in_line.replace(true) {
            return;
        }
        let options = Object::new();
        let option = match how {
            Ask::IfAvailable => "ifAvailable",
            Ask::Steal => "steal",
            Ask::InLine => "",
        };
        // A fresh object takes every property; the nameless one means nothing.
        let _ = Reflect::set(&options, &option.into(), &JsValue::TRUE);
        let waiting = Rc::downgrade(self);
        let granted = once(move |lock| granted(&waiting, how, &lock));
        let lost = Rc::downgrade(self);
        let lost = once(move |_| {
            if let Some(lock) = lost.upgrade() {
                lock.lost(how);
            }
            JsValue::UNDEFINED
        });
        let name = JsValue::from_str(&self.name);
        let asked = self.request.call3(&self.locks, &name, &options, &granted);
        match asked.ok().and_then(|held| held.dyn_into::<Promise>().ok()) {
            Some(held) => {
                if let Ok(catch) = property(&held, "catch").dyn_into::<Function>() {
                    let _ = catch.call1(&held, &lost);
                }
            }
            None => self.lost(how),
        }
    }

    /// What was held is stolen; or there are no locks for this page at all.
    fn lost(self: &Rc<Self>, how: Ask) {
        if self.release.take().is_some() {
            self.handle.with(|shell| shell.follows());
            self.ask(Ask::InLine);
        } else if how == Ask::IfAvailable {
            self.handle.with(|shell| shell.leads(false));
        }
    }

    fn give_back(&self) {
        if let Some(release) = self.release.take() {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Holds a lock that was granted for as long as the promise is open that this gives.
fn granted(lock: &Weak<Lock>, how: Ask, granted: &JsValue) -> JsValue {
    let Some(lock) = lock.upgrade() else {
        return JsValue::UNDEFINED;
    };
    if how == Ask::InLine {
        lock.in_line.set(false);
    }
    if granted.is_null() {
        lock.handle.with(|shell| shell.follows());
        lock.ask(Ask::InLine);
        return JsValue::UNDEFINED;
    }
    if lock.release.borrow().is_some() {
        // It was stolen before its turn in the line came.
        return JsValue::UNDEFINED;
    }
    let held = Promise::new(&mut |release, _| {
        lock.release.replace(Some(release));
    });
    lock.handle.with(|shell| shell.leads(true));
    held.into()
}

fn once(then: impl FnOnce(JsValue) -> JsValue + 'static) -> JsValue {
    Closure::once_into_js(then)
}
