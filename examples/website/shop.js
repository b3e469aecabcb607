// The demo shop's page: language, product filter, basket, order teaser, customer.
// It knows nothing of the widget but its `locale` attribute and `identify`.

const LANGUAGES = ['en', 'zh-CN'];
const DEMO_ORDER = { number: 'LL-20481963', step: 2 };
const QUANTITY_MAX = 20;
const BASKET_KEY = 'lindenloom.basket';
const CUSTOMER = 'customer-17';
const CUSTOMER_KEY = 'lindenloom.customer';

const byId = id => document.getElementById(id);
const all = selector => [...document.querySelectorAll(selector)];
const products = all('.product');

let texts = {};
let basket = readBasket();
let orderAnswer = 'order.hint';
let isKnown = readCustomer();

// ---- language -----------------------------------------------------------------------------------

function wantedLanguage() {
  const asked = new URLSearchParams(location.search).get('lang') ?? navigator.language;
  return asked.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

const text = (key, values = {}) =>
  (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

async function speak(language) {
  const answer = await fetch(`locales/${language}.json`);
  if (!answer.ok) return; // the page keeps the language it has
  texts = await answer.json();

  document.documentElement.lang = language;
  document.title = text('title');
  document.querySelector('meta[name=description]').content = text('hero.text');
  for (const node of all('[data-t]')) node.textContent = text(node.dataset.t);
  for (const node of all('[data-t-label]')) node.setAttribute('aria-label', text(node.dataset.tLabel));
  for (const node of all('[data-t-alt]')) node.alt = text(node.dataset.tAlt);
  for (const button of all('[data-lang]')) button.ariaPressed = String(button.dataset.lang === language);
  document.querySelector('deskside-widget').setAttribute('locale', language);
  for (const product of products) describeAddButton(product);
  showOrderAnswer();
  showBasket();
  showCustomer();
}

for (const button of all('[data-lang]')) {
  button.addEventListener('click', () => {
    const address = new URL(location.href);
    address.searchParams.set('lang', button.dataset.lang);
    history.replaceState(null, '', address);
    speak(button.dataset.lang);
  });
}

// ---- products -----------------------------------------------------------------------------------

for (const chip of all('.chips button')) {
  chip.addEventListener('click', () => {
    const room = chip.dataset.room;
    for (const other of all('.chips button')) other.ariaPressed = String(other === chip);
    for (const product of products) product.hidden = room !== 'all' && product.dataset.room !== room;
  });
}

// Eight buttons that all say "Add to basket" need the product's name for those who only hear them.
function describeAddButton(product) {
  const name = text(`${product.dataset.id}.name`);
  product.querySelector('.add').setAttribute('aria-label', text('add.label', { name }));
}

for (const product of products) {
  const button = product.querySelector('.add');
  button.addEventListener('click', () => {
    changeBasket(product.dataset.id, 1);
    byId('said').textContent = text('added', { name: text(`${product.dataset.id}.name`) });
    button.classList.add('done');
    button.textContent = text('add.done');
    setTimeout(() => {
      button.classList.remove('done');
      button.textContent = text('add');
    }, 1400);
  });
}

// ---- basket -------------------------------------------------------------------------------------

// Storage may be refused (private mode) or hold anything: then the basket lives in this page only.
function readBasket() {
  try {
    const stored = Object.entries(JSON.parse(localStorage.getItem(BASKET_KEY)) ?? {});
    const known = new Set(products.map(product => product.dataset.id));
    return new Map(stored.filter(([id, n]) => known.has(id) && Number.isInteger(n) && n > 0 && n <= QUANTITY_MAX));
  } catch {
    return new Map();
  }
}

function changeBasket(id, by) {
  const quantity = Math.min(QUANTITY_MAX, (basket.get(id) ?? 0) + by);
  if (quantity > 0) basket.set(id, quantity);
  else basket.delete(id);
  try {
    localStorage.setItem(BASKET_KEY, JSON.stringify(Object.fromEntries(basket)));
  } catch { /* see readBasket */ }
  showBasket();
}

const money = amount =>
  new Intl.NumberFormat(document.documentElement.lang, {
    style: 'currency', currency: text('currency'), minimumFractionDigits: 0, maximumFractionDigits: 2,
  }).format(amount);

const amountOf = id => Number(text(`${id}.price`).replace(/[^\d.]/g, ''));

function element(name, className, content) {
  const node = document.createElement(name);
  node.className = className;
  if (content !== undefined) node.textContent = content;
  return node;
}

function basketLine(id, quantity) {
  const name = text(`${id}.name`);
  const line = document.createElement('li');
  const picture = document.createElement('img');
  picture.src = document.querySelector(`.product[data-id="${id}"] img`).src;
  picture.alt = '';
  picture.width = picture.height = 72;

  const amount = element('div', 'amount');
  const step = (sign, by, label) => {
    const button = element('button', '', sign);
    button.type = 'button';
    button.setAttribute('aria-label', text(label, { name }));
    button.addEventListener('click', () => {
      changeBasket(id, by);
      const again = [...byId('cart-lines').querySelectorAll('button')].find(b => b.ariaLabel === text(label, { name }));
      (again ?? byId('cart-close')).focus();
    });
    return button;
  };
  amount.append(step('−', -1, 'cart.less'), element('span', '', String(quantity)), step('+', 1, 'cart.more'));
  line.append(picture, element('span', 'name', name), element('span', 'line-price', money(amountOf(id) * quantity)), amount);
  return line;
}

function showBasket() {
  const lines = [...basket];
  const count = lines.reduce((sum, [, quantity]) => sum + quantity, 0);
  const total = lines.reduce((sum, [id, quantity]) => sum + amountOf(id) * quantity, 0);
  const missing = Number(text('delivery.free.from')) - total;

  byId('cart-count').textContent = String(count);
  byId('cart-count').hidden = count === 0;
  byId('cart-open').setAttribute('aria-label', text('cart.label', { count }));
  byId('cart-empty').hidden = count > 0;
  byId('cart-foot').hidden = count === 0;
  byId('cart-lines').replaceChildren(...lines.map(([id, quantity]) => basketLine(id, quantity)));
  byId('cart-total').textContent = count ? money(total) : '';
  byId('cart-delivery').textContent =
    missing > 0 ? text('cart.delivery.missing', { amount: money(missing) }) : text('cart.delivery.free');
}

byId('cart-open').addEventListener('click', () => byId('cart').showModal());
byId('cart-close').addEventListener('click', () => byId('cart').close());
byId('cart').addEventListener('click', event => {
  if (event.target === byId('cart')) byId('cart').close(); // the backdrop
});

// ---- customer -----------------------------------------------------------------------------------

// As the widget's script may come later than this one.
window.deskside ??= (...call) => { (window.deskside.q ??= []).push(call); };

function readCustomer() {
  try {
    return localStorage.getItem(CUSTOMER_KEY) === CUSTOMER;
  } catch {
    return false;
  }
}

// The shop's server says to the desk who this is; it would look at its own session first.
async function supportToken() {
  const answer = await fetch('/support-token', { method: 'POST' });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return answer.text();
}

function showCustomer() {
  byId('account').textContent = text(isKnown ? 'account.out' : 'account.in');
  byId('account-note').textContent = text(isKnown ? 'account.note.in' : 'account.note.out');
}

byId('account').addEventListener('click', () => {
  isKnown = !isKnown;
  try {
    if (isKnown) localStorage.setItem(CUSTOMER_KEY, CUSTOMER);
    else localStorage.removeItem(CUSTOMER_KEY);
  } catch { /* then until the page is left */ }
  window.deskside('identify', isKnown ? { user: CUSTOMER, token: supportToken } : null);
  showCustomer();
});
if (isKnown) window.deskside('identify', { user: CUSTOMER, token: supportToken });

// ---- order status -------------------------------------------------------------------------------

function showOrderAnswer() {
  byId('order-answer').textContent = text(orderAnswer);
  const step = orderAnswer === 'order.found' ? DEMO_ORDER.step : -1;
  [...byId('steps').children].forEach((item, index) => {
    item.classList.toggle('past', index <= step);
    if (index === step) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  });
}

byId('order-form').addEventListener('submit', event => {
  event.preventDefault();
  const number = byId('order-number').value.trim().toUpperCase();
  if (!/^LL-\d{8}$/.test(number)) orderAnswer = 'order.malformed';
  else orderAnswer = number === DEMO_ORDER.number ? 'order.found' : 'order.unknown';
  showOrderAnswer();
});

const language = wantedLanguage();
speak(LANGUAGES.includes(language) ? language : 'en');
