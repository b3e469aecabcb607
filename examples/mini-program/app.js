const deskside = require("deskside");

App({
  globalData: { unread: 0 },

  onLaunch() {
    // Nothing is loaded here: the core comes when somebody asks for help.
    const host = deskside.wxHost({
      wasm: "/support/deskside.wasm.br",
      script: () => require.async("./support/deskside-core.js"),
    });
    deskside.setUp(host, {
      desk: "http://127.0.0.1:8787",
      site: "demo",
      help: "http://127.0.0.1:8080/help.idx",
      page: "pages/order/index",
      onEvent: (event) => {
        if (!event.unreadChanged) return;
        this.globalData.unread = event.unreadChanged.unread;
        if (this.onUnread) this.onUnread();
      },
    });
  },
});
