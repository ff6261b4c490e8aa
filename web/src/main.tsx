import { render } from "preact";
import { App } from "./app";
import { connect } from "./socket";
import { start } from "./store";

start();
connect();
const root = document.getElementById("app");
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
