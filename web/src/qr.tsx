/* A QR code, drawn here: what it says goes to no other place. Black on white in both themes, with its quiet zone. */
import { useEffect, useState } from 'preact/hooks';

export const QrCode = ({ text, label }: { text: string; label: string }) => {
  const [rows, setRows] = useState<boolean[][]>([]);
  useEffect(() => void import('uqr').then(({ encode }) => setRows(encode(text, { ecc: 'M', border: 4 }).data)), [text]);
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${rows.length || 1} ${rows.length || 1}`} shape-rendering="crispEdges">
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
};
