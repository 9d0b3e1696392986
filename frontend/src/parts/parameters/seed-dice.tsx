import { Dices } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'
import { IconButton } from '../../ui/icon-button'

const HIGHEST = 2 ** 31

/** A number to keep: the same seed repeats an answer where the provider can. */
export function SeedDice({ onRoll }: { onRoll: (seed: number) => void }) {
  const { t } = useTranslation('parameters')
  return (
    <IconButton label={t('rollSeed')} size="small" onClick={() => onRoll(Math.floor(Math.random() * HIGHEST))}>
      <Dices className="size-4" />
    </IconButton>
  )
}
