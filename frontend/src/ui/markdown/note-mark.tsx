import { useTranslation } from '../../i18n/use-translation'

/** A footnote's number in the text. A button: an address with # would leave the page, whose base is another. */
export function NoteMark({ number }: { number: number }) {
  const { t } = useTranslation('markdown')
  return (
    <sup>
      <button
        type="button"
        className="md-note-mark"
        aria-label={t('noteMark', { number })}
        data-note-mark={number}
        onClick={(event) => reach(event.currentTarget, `[data-note="${number}"]`)}
      >
        {number}
      </button>
    </sup>
  )
}

/** Focuses what `selector` finds in the same answer. */
export function reach(from: Element, selector: string) {
  const found = from.closest('.md')?.querySelector<HTMLElement>(selector)
  found?.scrollIntoView({ block: 'nearest' })
  found?.focus({ preventScroll: true })
}
