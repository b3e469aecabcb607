Page({
  data: { order: { id: "LL-20481963", item: "亚麻桌布 160 × 260 厘米", state: "运输中" }, unread: 0 },

  onShow() {
    const app = getApp();
    // It may change while the page is looked at.
    app.onUnread = () => this.setData({ unread: app.globalData.unread });
    app.onUnread();
  },

  onHide() {
    getApp().onUnread = null;
  },

  onHelp() {
    wx.navigateTo({ url: "/support/help/index" });
  },

  onChat() {
    wx.navigateTo({ url: "/support/help/index?opens=chat" });
  },
});
