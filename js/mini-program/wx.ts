export { createDeskside, type Deskside, type DesksideOptions } from "./deskside.js";
export { DesksideError } from "../client/error.js";
export type * from "./host.js";
export { wxHost } from "./hosts/wx.js";
export { client, setUp, type SetUp } from "./shared.js";
