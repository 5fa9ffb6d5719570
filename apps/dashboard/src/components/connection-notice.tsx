/** Warns that the page may be out of date while the connection is lost. */
export function ConnectionNotice({ isLost }: { isLost: boolean }) {
  return (
    <div role="status" className="connection">
      {isLost && (
        <p className="connection-lost">Connection lost. This page may be out of date; it reconnects by itself.</p>
      )}
    </div>
  )
}
