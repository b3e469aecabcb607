Page({
  data: { opens: "", ready: false },

  onLoad({ opens = "" }) {
    this.setData({ opens, ready: true });
  },
});
