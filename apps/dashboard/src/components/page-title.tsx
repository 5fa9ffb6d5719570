import { useEffect, useRef, type ReactNode } from 'react'

let isFirst = true

/** The heading of a page. It names the browser's tab, and takes the focus when a link has led here. */
export function PageTitle({ title, children, aside }: { title: string; children?: ReactNode; aside?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!isFirst) {
      heading.current?.focus({ preventScroll: true })
      window.scrollTo(0, 0)
    }
    isFirst = false
  }, [])
  useEffect(() => {
    document.title = `${title} · Vesemir`
  }, [title])
  return (
    <div className="page-title">
      <h1 ref={heading} tabIndex={-1}>
        {children ?? title}
      </h1>
      {aside}
    </div>
  )
}
