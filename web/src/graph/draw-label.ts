import type { NodeHoverDrawingFunction } from 'sigma/rendering';
import type { EdgeLook, NodeLook } from './drawn-graph.ts';
import type { Palette } from './palette.ts';

/** Draws the name of the node under the pointer on a plate of the page's own colours. */
export function hoverOn(palette: () => Palette): NodeHoverDrawingFunction<NodeLook, EdgeLook> {
  return (context, { x, y, size, label }, { labelSize, labelFont, labelWeight }) => {
    const { ground, ink, accent } = palette();
    context.font = `${labelWeight} ${labelSize}px ${labelFont}`;
    context.lineWidth = 2;
    context.strokeStyle = accent;
    context.beginPath();
    context.arc(x, y, size + 2, 0, Math.PI * 2);
    context.stroke();
    if (typeof label !== 'string' || label === '') return;
    const width = context.measureText(label).width;
    context.fillStyle = ground;
    context.fillRect(x + size + 4, y - labelSize / 2 - 4, width + 10, labelSize + 8);
    context.lineWidth = 1;
    context.strokeRect(x + size + 4, y - labelSize / 2 - 4, width + 10, labelSize + 8);
    context.fillStyle = ink;
    context.fillText(label, x + size + 9, y + labelSize / 3);
  };
}
