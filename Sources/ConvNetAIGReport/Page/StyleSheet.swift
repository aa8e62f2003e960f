import Charts

/// The page's style. Colours are those of Okabe and Ito, which colour-blind people can tell apart, and lighter ones on dark
/// backgrounds.
enum StyleSheet {
    static let css = text + roles + charts + themes + print

    private static let light: [UInt32] = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9]
    private static let dark: [UInt32] = [0x56B4E9, 0xE69F00, 0x2DC99C, 0xE3A5C7, 0xF0E442, 0xA6B4C0]

    private static let text = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0 auto;padding:24px 18px 48px;max-width:876px;background:var(--paper);color:var(--ink);\
        font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        h1{font-size:1.6rem;line-height:1.25;margin:0 0 16px;overflow-wrap:anywhere}
        h2{font-size:1.2rem;line-height:1.3;margin:0 0 8px}
        h3{font-size:1rem;margin:24px 0 4px}
        p{margin:0 0 12px;max-width:68ch;overflow-wrap:break-word}
        a{color:var(--link)}
        section,footer{margin-top:40px;padding-top:16px;border-top:2px solid var(--ink)}
        footer{color:var(--muted);border-top-width:1px}
        figure{margin:20px 0 0}
        figcaption,.caption{font-size:.875rem;line-height:1.45;color:var(--muted);margin:0 0 8px;text-align:left;\
        max-width:78ch}
        .scroll{overflow-x:auto;max-width:100%}
        .scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
        .wide{display:none}
        @media (min-width:720px){.wide{display:block}.narrow{display:none}}
        table{border-collapse:collapse;font-size:.875rem;line-height:1.35;\
        font-variant-numeric:tabular-nums}
        th,td{padding:6px 12px 6px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule);\
        font-weight:400}
        thead th{color:var(--muted);vertical-align:bottom;border-bottom-color:var(--ink)}
        .number{text-align:right;white-space:nowrap;padding-left:8px}
        tr.own th,tr.own td,.own{font-weight:600}
        .interval{display:block;color:var(--muted);font-size:.75rem;font-weight:400;white-space:nowrap}
        details{margin-top:12px}
        .contenders tbody th,.attacks tbody th{min-width:8.5rem}
        @media (max-width:560px){th,td{padding-right:8px}}
        summary{cursor:pointer;color:var(--link)}

        """

    /// Rules for the page's own parts.
    private static let roles = """
        .kicker{color:var(--muted);font-size:.875rem;margin:0 0 4px}
        .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px 20px;margin:0 0 20px}
        .facts div{min-width:0}
        .facts dt{font-size:.8125rem;color:var(--muted)}
        .facts dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
        nav ul{list-style:none;margin:0;padding:0;columns:15rem;font-size:.9375rem}
        nav li{padding:2px 0;break-inside:avoid}
        .summary{margin-bottom:4px}
        .claims{list-style:none;margin:8px 0 0;padding:0}
        .claims li{display:grid;grid-template-columns:9.5rem 1fr;gap:2px 12px;padding:8px 0;\
        border-bottom:1px solid var(--rule)}
        .claims p{margin:0}
        .claims .evidence{color:var(--muted);font-size:.875rem}
        .verdict{font-weight:600;white-space:nowrap}
        .verdict.holds{color:var(--good)}.verdict.fails{color:var(--bad)}.verdict.unknown{color:var(--muted)}
        @media (max-width:560px){.claims li{grid-template-columns:1fr}}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 8px;padding:0;font-size:.8125rem}
        .legend li{display:flex;align-items:center;gap:6px}
        .swatch{flex:none}
        .heat{border-collapse:separate;border-spacing:1px;font-size:.8125rem}
        .heat th,.heat td{padding:3px 5px;border:0;text-align:center}
        .heat td{min-width:30px;padding:5px 2px}.heat tbody th,.heat td{vertical-align:middle}
        .heat tbody th{position:sticky;left:0;background:var(--paper);text-align:left;padding-right:10px;\
        white-space:nowrap}
        .heat thead th{text-align:center}.heat thead th:first-child{text-align:left}\
        .heat thead th.number{text-align:right;padding-left:14px}
        .heat thead th.stage{text-align:left;border-bottom:1px solid var(--axis)}
        .heat td.number{text-align:right;padding:5px 0 5px 14px}
        .heat td.always{color:var(--muted);background:var(--always-soft)}
        .multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(152px,1fr));gap:14px 16px;margin-top:8px}
        .examples{display:grid;grid-template-columns:1fr;gap:6px 32px}
        .example-class{display:grid;grid-template-columns:1fr;gap:0 40px}
        @media (min-width:720px){.example-class{grid-template-columns:1fr 1fr}}
        @media print{.example-class{grid-template-columns:1fr 1fr}}
        .example-row{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,max(100px,var(--route))),1fr));\
        gap:14px 8px;margin:0 0 8px}
        .example{margin:0;font-size:.8125rem;line-height:1.35;min-width:0;overflow-wrap:anywhere}
        .example img,.example .blank{display:block;width:96px;height:96px;image-rendering:pixelated;margin-bottom:6px;\
        background:var(--rule);object-fit:contain}
        .example .wrong{color:var(--bad);font-weight:600}
        .example .file{color:var(--muted);font-size:.75rem}
        .half{font-size:.8125rem;color:var(--muted);margin:8px 0 6px}
        .route{display:block;margin:2px 0}
        .graphs td{white-space:nowrap}
        .track{display:block;width:clamp(56px,12vw,120px);height:12px;margin-top:3px;background:var(--always-soft)}
        .track span{display:block;height:12px;background:var(--c0)}

        """

    private static let charts = """
        svg{display:block}
        svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--ink);\
        font-variant-numeric:tabular-nums}
        svg.wide-fit{max-width:100%;height:auto}
        svg .tick{fill:var(--muted)}svg .axis-title{fill:var(--muted)}svg .cell{font-size:11px}
        .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
        .grid{stroke:var(--rule)}.axis{stroke:var(--axis)}.leader{stroke:var(--axis)}
        .bar{fill:var(--c0)}.bar.always{fill:var(--always-soft);stroke:var(--axis)}
        svg .on-always{fill:var(--ink)}
        .mean{stroke:var(--ink);stroke-width:2;stroke-dasharray:4 3}
        .ran{fill:var(--c0)}.skipped{fill:none;stroke:var(--axis);stroke-width:1.5}circle.always{fill:var(--muted)}rect.always{fill:var(--always-soft)}
        .curve{fill:none;stroke-width:2;stroke-linejoin:round}
        .d1{stroke-dasharray:7 3}.d2{stroke-dasharray:2 3}.d3{stroke-dasharray:9 3 2 3}
        .whisker{stroke:var(--axis);stroke-width:1.5}
        .joint{fill:none;stroke:var(--ink);stroke-width:1.5}
        .dot{stroke:var(--paper);stroke-width:1}

        """
        + (0..<SeriesStyle.colors).map { ".curve.c\($0){stroke:var(--c\($0))}.dot.c\($0){fill:var(--c\($0))}" }.joined()
        + "\n"

    private static let themes =
        """
        :root{color-scheme:light dark;--paper:#fff;--ink:#1b1b1b;--muted:#595959;--rule:#dedede;--axis:#777;\
        --link:#005a8e;--good:#00674b;--bad:#a84300;--always-soft:#e6e6e6;\(palette(light))}
        \(HeatScale.css(dark: false))
        @media screen and (prefers-color-scheme:dark){:root{--paper:#15181b;--ink:#e8e8e8;--muted:#adb2b7;--rule:#33383d;\
        --axis:#8b9298;--link:#7cc4f0;--good:#2dc99c;--bad:#f0a040;--always-soft:#343a40;\(palette(dark))}
        \(HeatScale.css(dark: true))}

        """

    private static let print = """
        @media print{body{max-width:none;padding:0;font-size:10.5pt}nav{display:none}.wide{display:block}\
        .narrow{display:none}.scroll{overflow:visible}svg.chart{max-width:100%;height:auto}section{break-before:auto}\
        h2,h3,figcaption,.summary{break-after:avoid}tr,p,.example-group,.chart,.claims li,figure:has(.wide){break-inside:avoid}\
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        @page{margin:16mm}

        """

    private static func palette(_ colors: [UInt32]) -> String {
        colors.enumerated().map { "--c\($0):\(RGB($1).hex)" }.joined(separator: ";")
    }
}
