import type { Socket } from 'socket.io-client';
import { EXPRESSIONS, type Told } from './own_expressions';
import { ASK_AGAIN_MS, dial } from './socket';
import { type AvatarState, EVENT, WIRE_VERSION } from './wire';

/** What the program says about itself on every connection. */
export interface Hello {
  version: string;
  wire: number;
  source: string;
  /** Address of the avatar to show when the page's own address names none. */
  avatar: string;
  /** How that avatar is framed wherever the page's own address does not say it, in the words of an address. */
  framing?: { cam?: string; view?: string };
  /** The avatars' own expressions that are on, as in the event of that name. */
  expressions?: readonly Told[];
}

export interface Listener {
  hello(hello: Hello): void;
  /** @param arrival Seconds on the page's clock */
  state(state: AvatarState, arrival: number): void;
  /** The avatars' own expressions that are on from now on, and no others. */
  expressions(told: readonly Told[]): void;
  connected(connected: boolean): void;
  problem(sentence: string): void;
}

/** Seconds between two looks at the round trip. */
const ECHO_PERIOD = 2;
/** A page that is older than the program asks for a newer one after this time, ms. */
const RELOAD_MS = 10_000;

/** Seconds on the page's monotonic clock. */
export function clock(): number {
  return performance.now() / 1000;
}

/** What the program tells a viewer. */
export class Connection {
  private readonly socket: Socket;
  private trip = 0;

  constructor(token: string | null, private readonly listener: Listener) {
    this.socket = dial(token);
    this.socket.on('connect', () => this.listener.connected(true));
    this.socket.on('disconnect', (reason) => this.lost(reason === 'io server disconnect'));
    this.socket.on('connect_error', (error) => this.refused(error));
    this.socket.on('hello', (hello: Hello) => this.greet(hello));
    this.socket.on(EXPRESSIONS, (told: readonly Told[]) => this.listener.expressions(told));
    this.socket.on(EVENT, (state: AvatarState, ack?: () => void) => this.take(state, ack));
    setInterval(() => void this.echo(), ECHO_PERIOD * 1000);
  }

  /** There and back, seconds; 0 while it is not known. */
  get roundTrip(): number {
    return this.trip;
  }

  private take(state: AvatarState, ack?: () => void): void {
    // At once: the server sends the next state, the newest it has then, when this one was taken.
    ack?.();
    if (state?.v === WIRE_VERSION) this.listener.state(state, clock());
  }

  private greet(hello: Hello): void {
    if (hello.wire !== WIRE_VERSION) {
      this.listener.problem('This page is older than the program: it loads itself anew.');
      // In OBS nobody is there to do it. Not at once: a program that is half replaced would be asked again and again.
      setTimeout(() => location.reload(), RELOAD_MS);
    }
    this.listener.expressions(hello.expressions ?? []);
    this.listener.hello(hello);
  }

  private lost(byServer: boolean): void {
    this.listener.connected(false);
    if (byServer) this.askAgain();
  }

  private refused(error: Error): void {
    this.listener.connected(false);
    if (this.socket.active) return;
    // socket.io gives up when the server itself says no.
    this.listener.problem(`The program refused this page (${error.message}): open the link that it printed.`);
    this.askAgain();
  }

  private askAgain(): void {
    setTimeout(() => this.socket.connect(), ASK_AGAIN_MS);
  }

  private async echo(): Promise<void> {
    if (!this.socket.connected) return;
    const sent = clock();
    try {
      await this.socket.timeout(ECHO_PERIOD * 1000).emitWithAck('echo');
      this.trip = clock() - sent;
    } catch {
      // no answer in time: the last figure stands
    }
  }
}
