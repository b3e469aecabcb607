import { myComponent } from "./component.js";

declare const Component: (described: object) => void;

Component(myComponent);
