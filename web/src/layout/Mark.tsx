/** The two bars. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
      <rect width="32" height="32" rx="8" fill="#0f5c6e" />
      <rect x="9.5" y="8" width="4.5" height="16" rx="1.6" fill="#fff" />
      <rect x="18" y="8" width="4.5" height="16" rx="1.6" fill="#fff" />
    </svg>
  );
}
