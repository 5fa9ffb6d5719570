import type { ReactNode } from 'react'

/** The units of a drawing, which is stretched to its frame. */
export const [plotWidth, plotHeight] = [100, 40]

/** What is drawn, as the legend names it. */
export interface PlotName {
  name: string
  tone: 'active' | 'good' | 'bad' | 'idle' | 'waiting'
}

interface PlotFrameProps {
  title: string
  /** What the drawing shows, for who does not see it. */
  label: string
  series: readonly PlotName[]
  /** The value at the top. */
  top: string
  /** What is at the left and at the right end. */
  ends: readonly [string, string]
  children: ReactNode
}

/** Frames a plot: its title and legend above, the top value, what is at its ends below. */
export function PlotFrame({ title, label, series, top, ends, children }: PlotFrameProps) {
  return (
    <figure className="plot card">
      <figcaption>
        <h2>{title}</h2>
        {series.map(({ name, tone }) => (
          <span key={name} className="plot-name" data-tone={tone}>
            {name}
          </span>
        ))}
      </figcaption>
      <span className="plot-label">{top}</span>
      <svg role="img" aria-label={label} viewBox={`0 0 ${plotWidth} ${plotHeight}`} preserveAspectRatio="none">
        {children}
      </svg>
      <span className="plot-label plot-ends">
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </span>
    </figure>
  )
}
