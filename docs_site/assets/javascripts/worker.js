// A page that is opened as a file may start no worker, and search is one. There, and only there, a hidden frame does its
// work: it runs the same script, and what is posted to either side arrives at the other.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    onmessage = null;
    onerror = null;
    onmessageerror = null;

    constructor(address) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.title = "search";
      this.loaded = new Promise((resolve) => {
        const begin = () => {
          document.body.append(this.frame);
          const inside = this.frame.contentWindow;
          inside.postMessage = (data) => this.receive(data);
          inside.importScripts = (...addresses) =>
            addresses.reduce((before, one) => before.then(() => this.add(one)), Promise.resolve());
          this.add(address).then(resolve, (error) => this.onerror?.(error));
        };
        if (document.body) begin();
        else document.addEventListener("DOMContentLoaded", begin);
      });
    }

    add(address) {
      const page = this.frame.contentDocument;
      return new Promise((resolve, reject) => {
        const script = page.createElement("script");
        script.onload = resolve;
        script.onerror = reject;
        script.src = new URL(address, location.href);
        page.head.append(script);
      });
    }

    receive(data) {
      const event = new MessageEvent("message", { data });
      this.onmessage?.(event);
      this.dispatchEvent(event);
    }

    postMessage(data) {
      this.loaded.then(() => {
        const inside = this.frame.contentWindow;
        inside?.dispatchEvent(new inside.MessageEvent("message", { data: structuredClone(data) }));
      });
    }

    terminate() {
      this.frame.remove();
    }
  };
}
