import type { PacedSigma } from './paced-sigma.ts';

/** Layers of the drawing that belong on a picture of it, the lowest first. */
const LAYERS = ['edges', 'edgeLabels', 'nodes', 'labels'];

/** The drawing as a PNG on a ground of this colour. */
export function pictureOf(sigma: PacedSigma, ground: string): Promise<Blob> {
  // WebGL keeps what it drew until the frame is out, no longer.
  sigma.refresh();
  const canvases = sigma.getCanvases();
  const { width, height } = canvases['nodes'] ?? { width: 1, height: 1 };
  const sheet = Object.assign(document.createElement('canvas'), { width, height });
  const context = sheet.getContext('2d');
  if (!context) throw new Error('The browser gives no canvas to draw on.');
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  for (const name of LAYERS) {
    const layer = canvases[name];
    if (layer && layer.width > 0) context.drawImage(layer, 0, 0, width, height);
  }
  return new Promise((resolve, reject) => {
    sheet.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be made.'))), 'image/png');
  });
}
