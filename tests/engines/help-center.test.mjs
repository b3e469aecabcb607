// The help centre in the engines that are not Chromium.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { shopServer } from "../../js/dev/site.mjs";
import { engines, openBrowser } from "./webdriver.mjs";

const [down, enter] = ["\uE015", "\uE007"];
const server = shopServer("http://127.0.0.1:9");
let site = "";

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  site = `http://127.0.0.1:${port}/help-center/`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

for (const engine of engines) {
  test(`${engine.name}: a reader searches in two languages, and goes to an article with the keyboard`, async () => {
    const driver = await engine.driver();
    assert.ok(driver, `${engine.name} is not here; it needs ${engine.needs}`);
    const browser = await openBrowser(driver);
    const box = "[role=combobox]";
    try {
      await browser.goto(`${site}en/`);
      await browser.type(box, "restor a deleted page");
      await browser.element("[role=option] [part=title]", "Restore a deleted page");
      await browser.element("[part=passage] mark");
      const folder = process.env.SHOTS;
      if (folder) {
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, `${engine.name}-help-search.png`), await browser.screenshot());
      }
      await browser.type(box, `${down}${enter}`);
      await browser.element("article h1", "Restore a deleted page");
      await browser.goto(`${site}zh-CN/`);
      await browser.type(box, "离线");
      await browser.element("[role=option] [part=title]", "没有网络时怎么用");
      const marks = await browser.texts("[role=option] mark");
      assert.ok(marks.length > 0 && marks.every((mark) => /^[离线]+$/.test(mark)), marks.join(" "));
    } finally {
      await browser.close();
    }
  });
}
