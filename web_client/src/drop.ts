/** Takes files that are dropped anywhere on the page. The browser would otherwise open them in its place. */
export function onDrop(take: (file: File) => void): void {
  let depth = 0;
  const mark = (over: boolean): void => {
    document.documentElement.classList.toggle('dropping', over);
  };
  window.addEventListener('dragenter', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth += 1;
    mark(true);
  });
  window.addEventListener('dragover', (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  window.addEventListener('dragleave', (event) => {
    if (!holdsFiles(event)) return;
    depth = Math.max(0, depth - 1);
    mark(depth > 0);
  });
  window.addEventListener('drop', (event) => {
    event.preventDefault();
    depth = 0;
    mark(false);
    const files = Array.from(event.dataTransfer?.files ?? []);
    const file = files.find((candidate) => /\.(vrm|glb)$/i.test(candidate.name)) ?? files[0];
    if (file) take(file);
  });
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
