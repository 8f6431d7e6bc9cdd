// link keeps a WebSocket to the program, says plainly when it is lost, and comes
// back by itself.

const first = 500, longest = 5000; // ms between two tries

export class Link {
  constructor(handlers) {
    this.handlers = handlers; // text(message), binary(view), state(connected, seconds)
    this.stream = new URLSearchParams(location.search).get("stream") ?? "";
    this.pause = first;
    this.open();
  }

  open() {
    const url = new URL("live", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = this.stream ? "?stream=" + encodeURIComponent(this.stream) : "";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => { this.pause = first; this.lostAt = undefined; this.handlers.state(true); };
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      if (typeof data === "string") this.handlers.text(JSON.parse(data));
      else this.handlers.binary(new DataView(data));
    };
    socket.onclose = () => {
      if (socket !== this.socket) return;
      this.lostAt ??= Date.now();
      this.handlers.state(false, Math.round((Date.now() - this.lostAt) / 1000));
      setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(this.pause * 1.5, longest);
    };
  }

  // choose looks at another stream.
  choose(stream) {
    this.stream = stream;
    const old = this.socket;
    this.socket = undefined;
    old.close();
    this.open();
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
