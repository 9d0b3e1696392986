import { useTranslation } from '../../i18n/use-translation'
import { BlockView } from './block-view'
import { reach } from './note-mark'
import { appendix, type References } from './references'

/** The footnotes below an answer. */
export function Notes({ references }: { references: References }) {
  const { t } = useTranslation('markdown')
  const written = references.notes.filter((note) => note.text !== '')
  if (written.length === 0) return null
  return (
    <section className="md-notes" aria-label={t('notes')}>
      <ol>
        {written.map(({ label, number, text, block }) => (
          <li key={label} value={number} data-note={number} tabIndex={-1}>
            <BlockView
              text={text}
              appendix={block ? appendix(block, references, false) : ''}
              notes=""
              number={null}
              growing={false}
            />
            <button
              type="button"
              className="md-note-back"
              aria-label={t('noteBack', { number })}
              onClick={(event) => reach(event.currentTarget, `[data-note-mark="${number}"]`)}
            >
              ↩
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}
