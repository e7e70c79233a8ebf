import { io, type Socket } from 'socket.io-client';

/** A server that turned us away is asked again after this time, ms; the others socket.io asks by itself. */
export const ASK_AGAIN_MS = 2000;

/** The socket to the program that served the page. It comes back by itself, for ever. */
export function dial(token: string | null): Socket {
  return io({
    path: '/socket.io',
    transports: ['websocket', 'polling'],
    auth: token === null ? {} : { token },
    reconnectionDelay: 250,
    reconnectionDelayMax: ASK_AGAIN_MS,
    timeout: 4000,
  });
}
