import type { Socket } from 'socket.io-client';
import { ASK_AGAIN_MS, dial } from '../socket';
import type { Marks, Truth, Vitals } from './truth';

/** How long an answer may take, ms: a tracker that is exchanged loads its models first. */
const PATIENCE_MS = 30_000;

export interface Listener {
  truth(truth: Truth): void;
  vitals(vitals: Vitals): void;
  preview(picture: ArrayBuffer, marks: Marks[]): void;
  connected(connected: boolean): void;
}

interface Answer {
  ok: boolean;
  error?: string;
  truth?: Truth;
  answer?: unknown;
}

/** The studio's line to the program. It comes back by itself, and asks for the truth anew. */
export class Link {
  private readonly socket: Socket;

  constructor(
    private readonly token: string | null,
    private readonly listener: Listener,
  ) {
    this.socket = dial(token);
    this.socket.on('connect', () => void this.enter());
    this.socket.on('disconnect', (reason) => {
      listener.connected(false);
      if (reason === 'io server disconnect') this.askAgain();
    });
    this.socket.on('connect_error', () => {
      listener.connected(false);
      if (!this.socket.active) this.askAgain();
    });
    this.socket.on('truth', (truth: Truth) => listener.truth(truth));
    this.socket.on('vitals', (vitals: Vitals) => listener.vitals(vitals));
    this.socket.on('preview', (seen: { picture: ArrayBuffer; marks: Marks[] }) => listener.preview(seen.picture, seen.marks));
  }

  /**
   * Sends a command of vtuber/commands.py and shows what is true then, whether it was obeyed or not.
   *
   * @throws Error with one sentence for the user
   */
  async do(command: { do: string } & Record<string, unknown>): Promise<void> {
    const answer = await this.call('do', command);
    if (answer.truth) this.listener.truth(answer.truth);
    if (!answer.ok) throw new Error(answer.error);
  }

  /** @throws Error with one sentence for the user */
  async ask<T>(question: string): Promise<T> {
    const answer = await this.call('ask', question);
    if (!answer.ok) throw new Error(answer.error);
    return answer.answer as T;
  }

  /** Asks for the camera's picture with marks, the marks alone, or nothing. */
  look(what: 'picture' | 'marks' | 'nothing'): void {
    void this.call('preview', what).catch(() => undefined);
  }

  /** A request to the server that served the page. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, location.href);
    if (this.token !== null) url.searchParams.set('token', this.token);
    return fetch(url, init);
  }

  private async call(event: string, data?: unknown): Promise<Answer> {
    return (await this.socket.timeout(PATIENCE_MS).emitWithAck(event, data)) as Answer;
  }

  private async enter(): Promise<void> {
    const answer = await this.call('studio').catch(() => null);
    if (!answer?.truth) return;
    this.listener.connected(true);
    this.listener.truth(answer.truth);
  }

  private askAgain(): void {
    setTimeout(() => this.socket.connect(), ASK_AGAIN_MS);
  }
}
