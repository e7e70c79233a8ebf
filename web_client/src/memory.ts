/** What the page remembers from visit to visit. A browser may refuse that: then it starts anew each time. */

const PREFIX = 'vtuber.';

/** What was remembered under a name; '' for nothing. */
export function recall(name: string): string {
  try {
    return localStorage.getItem(PREFIX + name) ?? '';
  } catch {
    return '';
  }
}

/** Remembers a text under a name; '' forgets it. */
export function remember(name: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, text);
  } catch {
    // full, or refused: nothing that the page needs
  }
}
