import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import type { Metric } from '../../api/usage-search'
import { useTranslation } from '../../i18n/use-translation'
import { useMedia } from '../../lib/use-media'
import type { ChartData, Moment } from './chart-data'
import { type Interval, momentName } from './moment-name'
import { PlotReadout } from './plot-readout'
import { useFigureWords } from './use-usage-words'

export interface PlotProps {
  data: ChartData
  metric: Metric
  interval: Interval
  /** By the series' keys. */
  colours: Record<string, string>
}

const AXIS = { stroke: 'var(--line)', tick: { fill: 'var(--text-muted)', fontSize: 12 }, tickLine: false }

/** Bars where parts make a whole, lines where they don't. Zero-based; arrow keys move the readout. */
export function Plot({ data, metric, interval, colours }: PlotProps) {
  const { t, i18n } = useTranslation('usage')
  const words = useFigureWords()
  const isStill = useMedia('(prefers-reduced-motion: reduce)')
  const isLine = metric === 'latency'
  const Chart = isLine ? LineChart : BarChart
  const shared = (key: string, label: string) => ({
    dataKey: (moment: Moment) => moment.values[key] ?? (isLine ? null : 0),
    name: label,
    isAnimationActive: !isStill,
    animationDuration: 150,
  })
  return (
    <figure className="h-80 w-full" aria-label={t(`chart.${metric}`)}>
      <ResponsiveContainer width="100%" height="100%">
        <Chart data={data.moments} accessibilityLayer margin={{ top: 8, right: 8, bottom: 0, left: 0 }}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            {...AXIS}
            dataKey="at"
            minTickGap={24}
            tickFormatter={(at: string) => momentName(at, interval, i18n.language)}
          />
          <YAxis
            {...AXIS}
            axisLine={false}
            width={64}
            domain={[0, 'auto']}
            tickFormatter={(value: number) => words(metric, value)}
          />
          <Tooltip
            cursor={{ fill: 'var(--surface-2)', stroke: 'var(--line)' }}
            isAnimationActive={false}
            content={<PlotReadout metric={metric} interval={interval} />}
          />
          <Legend iconType="circle" iconSize={8} wrapperStyle={{ fontSize: 13, paddingTop: 8 }} />
          {data.series.map(({ key, label }) =>
            isLine ? (
              <Line
                key={key}
                {...shared(key, label)}
                type="monotone"
                stroke={colours[key] ?? ''}
                strokeWidth={2}
                dot={false}
                connectNulls
              />
            ) : (
              <Bar key={key} {...shared(key, label)} stackId="all" fill={colours[key] ?? ''} maxBarSize={40} />
            ),
          )}
        </Chart>
      </ResponsiveContainer>
    </figure>
  )
}
