import type { Act } from "./screens.js";

/** Percent between two words on how far was scrolled. */
const SCROLL_STEP = 5;

/** Tells the core what surveys may wait for: the page, how far it was scrolled, that the pointer leaves it. */
export function watchPage(act: Act): void {
  let told = 0;
  let address = "";
  const page = (): void => {
    if (location.href === address) return;
    address = location.href;
    told = 0;
    act({ act: "url", name: address });
  };
  const scrolled = (): void => {
    page();
    const { scrollHeight, clientHeight } = document.documentElement;
    const share = scrollHeight > clientHeight ? Math.round((100 * (scrollY + clientHeight)) / scrollHeight) : 100;
    if (share < told + SCROLL_STEP && share < 100) return;
    if (share <= told) return;
    told = share;
    act({ act: "scrollShare", value: share });
  };
  page();
  addEventListener("scroll", scrolled, { passive: true });
  addEventListener("popstate", page);
  addEventListener("hashchange", page);
  document.documentElement.addEventListener("mouseleave", (event) => {
    if (event.clientY <= 0) act({ act: "exitIntent" });
  });
}
