// The whole path in each runtime: look for an answer, ask a person, go to the background, come back, rate.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMini, serveHelp, signIn, startDesk, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;
/** @type {Awaited<ReturnType<typeof signIn>>} */
let agent;
/** @type {Awaited<ReturnType<typeof serveHelp>>} */
let help;

before(async () => {
  desk = await startDesk();
  [agent, help] = await Promise.all([signIn(desk), serveHelp()]);
});
after(async () => {
  agent.close();
  help.close();
  await desk.end();
});

for (const profile of ["wechat-android", "wechat-ios14", "wechat-ios16", "wechat-typings", "douyin", "alipay", "no-wasm"]) {
  test(`${profile}: a visitor finds an answer, asks a person, is away for a while, comes back and rates`, async (t) => {
    const me = await openMini(profile, desk, { suspendAfter_ms: 40 });
    t.after(() => me.close());

    await me.client.loadHelp(help.url);
    for (const query of ["退货", "tuihuo", "怎么申请退款"]) {
      const { hits } = me.client.search(query, { limit: 3, locale: "zh-CN" });
      const titles = hits.map((/** @type {{ title: string }} */ { title }) => title);
      assert.match(titles.join(), /退/, query);
    }
    assert.equal(me.runtime.network.socketsOpened, 0, "who only searches does not connect");

    const conv = await me.openChat();
    me.say("包裹还没有到");
    await me.reaches("包裹还没有到", "sent", "delivered");
    await agent.say(conv, "我来看看");
    await me.hears("我来看看");

    me.runtime.background();
    await until(() => me.runtime.isSuspended, "the suspension");
    await agent.say(conv, "已经在路上了");
    await agent.say(conv, "明天送到");
    me.runtime.foreground();
    await me.hears("明天送到");
    me.say("谢谢");
    await me.reaches("谢谢", "sent", "delivered", "read");
    assert.deepEqual(await agent.heard(conv), ["包裹还没有到", "谢谢"]);

    await agent.resolve(conv);
    const survey = await until(() => me.view().surveys[0], "the survey");
    const id = survey.responseId;
    me.client.dispatch({ survey: { act: "answer", id, name: "rating", value: 5 } });
    me.client.dispatch({ survey: { act: "answer", id, name: "comment", value: "很快" } });
    me.client.dispatch({ survey: { act: "next", id } });
    await until(() => me.view().waiting === 0, "the rating to be sent");
    const answers = await agent.events(conv, "survey");
    assert.equal(answers.at(-1).body.response.rating, 5);
    assert.equal(answers.at(-1).body.response.comment, "很快");

    assert.deepEqual(me.runtime.errors, []);
  });
}
