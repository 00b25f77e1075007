// The one WebSocket to the sandbox: requests with answers, and a connection that comes back by itself.

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 8000;

export class Connection {
  /** onPacket(packet) for what the server sends; onStatus('connecting' | 'open' | 'lost'). */
  constructor({ onPacket, onStatus }) {
    this.onPacket = onPacket;
    this.onStatus = onStatus;
    this.waiting = new Map();
    this.counter = 0;
    this.failures = 0;
    this.socket = null;
    this.retry = null;
  }

  /** Speak as this person from now on. */
  connect(userId) {
    clearTimeout(this.retry);
    const former = this.socket;
    this.userId = userId;
    const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${window.location.host}/page/socket?as=${encodeURIComponent(userId)}`);
    this.socket = socket;
    former?.close();
    this.#giveUpWaiting();
    this.onStatus(this.failures ? 'lost' : 'connecting');
    socket.addEventListener('open', () => {
      if (socket !== this.socket) return;
      this.failures = 0;
      this.onStatus('open');
    });
    socket.addEventListener('message', (event) => {
      if (socket === this.socket) this.#receive(JSON.parse(event.data));
    });
    socket.addEventListener('close', () => {
      if (socket === this.socket) this.#lost();
    });
  }

  #receive(packet) {
    if (packet.type === 'done') {
      this.waiting.get(packet.id)?.(packet.error ? { error: packet.error } : {});
      this.waiting.delete(packet.id);
      return;
    }
    this.onPacket(packet);
  }

  #lost() {
    this.failures += 1;
    this.onStatus('lost');
    this.#giveUpWaiting();
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.failures - 1));
    this.retry = setTimeout(() => this.connect(this.userId), wait * (0.75 + Math.random() / 2));
  }

  #giveUpWaiting() {
    for (const resolve of this.waiting.values()) resolve({ error: 'connection_lost' });
    this.waiting.clear();
  }

  /** Send a request; resolves to {} or {error} once the server has dealt with it. */
  send(request) {
    if (this.socket?.readyState !== WebSocket.OPEN) return Promise.resolve({ error: 'connection_lost' });
    this.counter += 1;
    const id = `r${this.counter}`;
    this.socket.send(JSON.stringify({ ...request, id }));
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }
}
