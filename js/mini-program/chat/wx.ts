import { wxComponent } from "./component.js";

declare const Component: (described: object) => void;

Component(wxComponent);
