/// The page's style sheet, with the colours as data so that their contrast can be tested.
enum PageStyle {
  /// The colours of one theme.
  struct Theme: Sendable {
    /// Page, panels, text, quiet text, rules, links and marks.
    var paper, panel, ink, quiet, rule, link: String
    /// Behind figures, by the step of `HeatScale`.
    var heat: [String]
    /// Lines of charts; the first is for no defense.
    var lines: [String]
    /// Words for success and failure.
    var good, bad: String
  }

  static let light = Theme(
    paper: "#fdfcfa", panel: "#f4f2ed", ink: "#1d1f22", quiet: "#585c63", rule: "#dcd8d0",
    link: "#1b5583",
    heat: [
      "#e3efe9", "#edf0dd", "#f7efd2", "#fae3bb", "#f9d3a0", "#f5bb85", "#ee9f6c", "#e4835a",
    ],
    lines: [
      "#6b6f76", "#0b66b3", "#c2410c", "#0f7a5a", "#8b3fa8", "#946300", "#c0266b", "#23768a",
      "#5b4bd6",
    ],
    good: "#17684a", bad: "#a8321b")

  static let dark = Theme(
    paper: "#15171a", panel: "#1e2125", ink: "#e9e6df", quiet: "#a9adb4", rule: "#363a40",
    link: "#8fc3ee",
    heat: [
      "#1d3029", "#2c3524", "#42391d", "#553a1a", "#683a19", "#7a3a1a", "#8d3b1c", "#a03d1f",
    ],
    lines: [
      "#9aa0a8", "#6cb4ee", "#f0935c", "#4fc79b", "#cc93e6", "#d9b24c", "#f07fb0", "#66c4d6",
      "#a79bf7",
    ],
    good: "#6fcfa4", bad: "#f29a80")

  private static func variables(_ theme: Theme) -> String {
    var names = [
      ("paper", theme.paper), ("panel", theme.panel), ("ink", theme.ink), ("quiet", theme.quiet),
      ("rule", theme.rule), ("link", theme.link), ("good", theme.good), ("bad", theme.bad),
    ]
    names += theme.heat.enumerated().map { ("h\($0.offset)", $0.element) }
    names += theme.lines.enumerated().map { ("c\($0.offset)", $0.element) }
    return names.map { "--\($0):\($1)" }.joined(separator: ";")
  }

  private static var classes: String {
    let heat = light.heat.indices.map { ".h\($0){background:var(--h\($0))}" }
    let lines = light.lines.indices.map { ".c\($0){--c:var(--c\($0))}" }
    return (heat + lines).joined(separator: "\n")
  }

  /// The whole sheet.
  static var sheet: Markup {
    Markup(
      raw: """
        :root{color-scheme:light dark;\(variables(light))}
        @media (prefers-color-scheme:dark){:root{\(variables(dark))}}
        @media print{:root{\(variables(light))}}
        \(rules)
        \(classes)
        """)
  }

  private static let grid = ".grid{stroke:var(--rule);stroke-width:1;fill:none}"

  /// Points of frontiers and of comparisons.
  private static let marks = """
    .spot{fill:var(--c1);stroke:var(--c1);stroke-width:1.5}
    .spot.near{fill:var(--paper)}
    .spot.dominated{fill:var(--quiet);stroke:var(--quiet)}
    .spot.uncounted{fill:var(--paper);stroke:var(--quiet)}
    .whisker{stroke:var(--c1);stroke-width:1;fill:none}
    .whisker.dominated,.whisker.uncounted{stroke:var(--quiet);opacity:.6}
    .stairs{stroke:var(--c1);stroke-width:1;stroke-dasharray:4 3;fill:none;opacity:.7}
    .spot.better{fill:var(--good);stroke:var(--good)}
    .spot.worse{fill:var(--bad);stroke:var(--bad)}
    .whisker.better{stroke:var(--good)}
    .whisker.worse{stroke:var(--bad)}
    """

  /// The sheet of a frontier by itself: the page's colours written out, for viewers of pictures know
  /// no variables.
  static var pictureSheet: Markup {
    let rules = """
      .paper{fill:var(--paper)}
      text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;\
      fill:var(--quiet);paint-order:stroke;stroke:var(--paper);stroke-width:3px;\
      stroke-linejoin:round}
      text.named{fill:var(--ink);font-weight:600}
      \(grid)
      \(marks)
      """
    func colours(_ theme: Theme) -> String {
      let names = [
        ("paper", theme.paper), ("ink", theme.ink), ("quiet", theme.quiet), ("rule", theme.rule),
        ("c1", theme.lines[1]), ("good", theme.good), ("bad", theme.bad),
      ]
      return names.reduce(rules) { $0.replacing("var(--\($1.0))", with: $1.1) }
    }
    return Markup(
      raw: "\(colours(light))\n@media (prefers-color-scheme:dark){\n\(colours(dark))\n}")
  }

  private static let rules = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
    body{margin:0;background:var(--paper);color:var(--ink);
    font:1.0625rem/1.6 Charter,"Bitstream Charter","Source Serif 4","Iowan Old Style",Georgia,\
    "Liberation Serif",serif}
    header,main,footer{max-width:68rem;margin:0 auto;padding:0 1.5rem}
    header{padding-top:3.5rem}
    footer{padding-top:1rem;padding-bottom:3rem;color:var(--quiet);font-size:.9rem}
    section{margin-top:4rem}
    h1,h2,h3,h4{line-height:1.2;font-weight:600;text-wrap:balance}
    h1{font-size:2.5rem;letter-spacing:-.015em;margin:.3rem 0 1.2rem;overflow-wrap:anywhere}
    h2{font-size:1.55rem;margin:0 0 1rem;padding-top:1.2rem;border-top:1px solid var(--rule)}
    h3{font-size:1.1rem;margin:2rem 0 .5rem;overflow-wrap:anywhere}
    h4{font-size:1rem;margin:1.5rem 0 .5rem;overflow-wrap:anywhere}
    p{margin:0 0 1rem;max-width:44rem}
    a{color:var(--link)}
    code{font:.88em/1.4 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;
    overflow-wrap:anywhere}
    small,.over,table,.key,.figures,.figures dt,.verdict,.labels,.tag,svg text,nav,figcaption,\
    .keys,.formula,.skip,.facts dt{font-family:system-ui,-apple-system,"Segoe UI",Roboto,\
    "Helvetica Neue",Arial,sans-serif}
    .n,table,.figures dd{font-variant-numeric:tabular-nums lining-nums}
    .n{white-space:nowrap}
    .over{color:var(--quiet);font-size:.85rem;letter-spacing:.02em;margin:0}
    .lead{font-size:1.2rem;line-height:1.55;max-width:48rem}
    .quiet{color:var(--quiet)}
    .note{color:var(--quiet);font-size:.95rem}
    .skip{position:absolute;left:-99rem}
    .skip:focus{left:1rem;top:1rem;padding:.5rem 1rem;background:var(--panel);z-index:9}
    :focus-visible{outline:2px solid var(--link);outline-offset:2px}
    .figures{display:flex;flex-wrap:wrap;gap:1rem 3rem;margin:2rem 0}
    .figures div{display:flex;flex-direction:column-reverse}
    .figures dt{color:var(--quiet);font-size:.85rem}
    .figures dd{margin:0;font-size:1.5rem;line-height:1.3}
    nav ul{display:flex;flex-wrap:wrap;gap:.35rem 1.4rem;list-style:none;margin:0;padding:0;
    font-size:.9rem}
    ul.plain{padding-left:1.2rem;max-width:44rem}
    ul.plain li{margin:.4rem 0}
    .verdicts{list-style:none;margin:1.5rem 0;padding:0}
    .verdicts li{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:0 1.5rem;
    padding:.7rem 0;border-top:1px solid var(--rule)}
    .verdicts li:last-child{border-bottom:1px solid var(--rule)}
    .verdicts h3{margin:0;font-size:1rem;line-height:1.6}
    .verdicts p{margin:0}
    .verdicts .quiet{font-size:.95rem}
    .verdicts p:first-child::first-letter{text-transform:uppercase}
    .held{color:var(--good)}
    .broke{color:var(--bad)}
    .keys{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;align-items:center;font-size:.85rem;
    color:var(--quiet);margin:1rem 0}
    .keys p{margin:0}
    .key{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;margin:0;padding:0;
    font-size:.85rem;color:var(--quiet)}
    .key:empty{display:none}
    .key li{display:flex;align-items:center;gap:.4rem}
    .key code{color:var(--ink)}
    .key svg{width:28px;height:12px}
    .swatch{display:inline-block;width:1.15rem;height:.9rem;border:1px solid var(--rule)}
    .scroll{overflow-x:auto;margin:1rem 0 1.5rem;max-width:100%}
    table{border-collapse:separate;border-spacing:0;font-size:.9rem;line-height:1.35}
    caption{text-align:left;color:var(--quiet);font-size:.85rem;padding:0 0 .5rem}
    caption span{position:sticky;left:0;display:inline-block;max-width:min(44rem,calc(100vw - 2.2rem))}
    th{font-weight:600;text-align:left;vertical-align:bottom}
    .matrix{border-spacing:2px}
    .matrix td{min-width:6.4rem;padding:.5rem .6rem;vertical-align:top;text-align:right;
    white-space:nowrap}
    .matrix thead th{padding:.3rem .6rem;text-align:right;max-width:9rem}
    .matrix thead th:first-child{text-align:left}
    .matrix tbody th,.matrix tfoot th,.matrix thead th:first-child{position:sticky;left:0;
    background:var(--paper);padding:.5rem .8rem .5rem 0;vertical-align:top;max-width:13rem;z-index:1}
    .matrix thead th:first-child{vertical-align:bottom}
    .matrix small{display:block;font-weight:400;color:var(--quiet);font-size:.75rem}
    .matrix code{overflow-wrap:break-word}
    .matrix a{color:inherit;text-decoration:none}
    .matrix a:hover{text-decoration:underline}
    .matrix b{font-size:1.05rem;font-weight:600}
    .matrix tfoot td,.matrix tfoot th{font-size:.8rem;padding-top:.6rem;white-space:normal;
    color:var(--quiet);font-weight:400}
    .sub{display:block;font-size:.78rem}
    .spread{font-size:.85rem}
    .clean{background:var(--panel)}
    .mark{margin-left:.25rem}
    .void{color:var(--quiet);background:repeating-linear-gradient(135deg,var(--paper) 0 5px,\
    var(--panel) 5px 10px);outline:1px dashed var(--rule);outline-offset:-1px}
    .matrix .void b{font-weight:400}
    .na,.pending,.failed,.off{color:var(--quiet);outline:1px solid var(--rule);outline-offset:-1px}
    .na,.off{outline-style:dotted}
    .failed{color:var(--bad);font-weight:600}
    .off{outline:0}
    td.worst,th.worst{border-left:3px solid var(--paper)}
    .tag{text-transform:uppercase;letter-spacing:.06em;font-size:.72rem}
    .text th,.text td{padding:.5rem 1rem .5rem 0;border-bottom:1px solid var(--rule);
    vertical-align:top}
    .text thead th{vertical-align:bottom;color:var(--quiet);font-weight:400;font-size:.85rem}
    .text td{max-width:26rem;min-width:5rem}
    .num{text-align:right}
    .text td.num,.costs td{white-space:nowrap}
    .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));
    gap:1.5rem;margin:1.5rem 0}
    figure{margin:0}
    figcaption{font-size:.9rem;margin-bottom:.3rem;overflow-wrap:anywhere}
    svg{display:block;width:100%;height:auto}
    svg text{font-size:11px;fill:var(--quiet)}
    \(grid)
    .line path{stroke:var(--c);stroke-width:1.6;fill:none;stroke-linejoin:round}
    .line .dot{fill:var(--c);stroke:var(--paper);stroke-width:.8}
    .band{fill:var(--c);opacity:.13}
    .frontier{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 2.5rem;margin-top:2rem}
    .frontier>h3,.frontier>p{grid-column:1/-1}
    .frontier .scroll{margin-top:0}
    .frontier th[scope=row]{font-weight:400}
    .frontier td:first-child{min-width:0}
    .frontier .sub{color:var(--quiet)}
    .frontier figure{max-width:34rem}
    .frontier a{color:inherit}
    .spots{width:12px;height:12px}
    .key .spots{width:12px}
    \(marks)
    .bar{width:160px;height:14px}
    .changes th[scope=row]{font-weight:400}
    .hashes{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;list-style:none;padding:0;margin:0 0 1rem;
    font-size:.85rem}
    .ledger th[scope=row]{white-space:normal;text-align:left;font-weight:400;min-width:14rem;
    max-width:26rem}
    .frontier .text th[scope=row]{min-width:11rem}
    .frontier .text th,.frontier .text td{padding-right:.8rem}
    svg text.named,.frontier svg text{paint-order:stroke;stroke:var(--paper);stroke-width:3px;
    stroke-linejoin:round}
    svg text.named{fill:var(--ink);font-weight:600}
    .names,.facts{display:grid;grid-template-columns:minmax(8rem,13rem) 1fr;gap:.6rem 1.5rem;margin:1rem 0}
    .names dt,.facts dt{overflow-wrap:anywhere}
    .names dd,.facts dd{margin:0;max-width:44rem}
    .facts dt{color:var(--quiet);font-size:.9rem}
    .formula{font-size:.9rem}
    cite{color:var(--quiet);font-size:.9rem}
    details{border-top:1px solid var(--rule)}
    details:last-of-type{border-bottom:1px solid var(--rule)}
    summary{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:0 .6rem;padding:.5rem 0;
    cursor:pointer;list-style-position:inside}
    summary::before{content:"+";color:var(--quiet);width:1rem;font-family:system-ui,sans-serif}
    summary code{flex:1}
    summary .end{font:.9rem system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
    details[open]>summary::before{content:"\\2212"}
    summary::-webkit-details-marker{display:none}
    .verdict{display:inline-block;min-width:8.5rem;color:var(--quiet);font-size:.85rem;
    text-align:right}
    .inside{padding:.2rem 0 1.2rem 1rem}
    .labels{display:flex;flex-wrap:wrap;gap:.4rem 1.8rem;margin:0 0 1rem;font-size:.85rem}
    .labels dt{color:var(--quiet)}
    .labels dd{margin:0}
    .seeds th,.seeds td{padding:.3rem .8rem;text-align:right;white-space:nowrap;
    border-bottom:1px solid var(--rule)}
    .seeds thead th{white-space:normal;font-weight:400;color:var(--quiet);font-size:.8rem}
    .seeds th:first-child{padding-left:0}
    @media (max-width:40rem){
    body{font-size:1rem}
    header,main,footer{padding-left:1.1rem;padding-right:1.1rem}
    header{padding-top:2rem}
    h1{font-size:1.9rem}
    section{margin-top:3rem}
    .lead{font-size:1.1rem}
    .figures{gap:.8rem 2rem}
    .verdicts li,.names,.facts{grid-template-columns:1fr}
    .names dd,.facts dd{margin-bottom:.6rem}
    .names,.facts{gap:.1rem}
    .matrix tbody th,.matrix tfoot th,.matrix thead th:first-child{max-width:7.5rem;font-size:.8rem}
    .matrix td{min-width:5.8rem;padding:.45rem}
    .inside{padding-left:0}
    .text td:nth-last-child(3){min-width:11rem}
    .text td:last-child{min-width:9rem}
    .text th{overflow-wrap:normal;white-space:nowrap}
    .text th:first-child{position:sticky;left:0;background:var(--paper)}
    summary code{flex:1 0 70%}
    summary .end{flex-basis:100%;padding-left:2rem;display:flex;justify-content:space-between}
    }
    @media (max-width:60rem){.frontier{grid-template-columns:minmax(0,1fr)}}
    @media print{
    html{font-size:9.5pt}
    body{font-size:1rem}
    header,main,footer{max-width:none;padding:0}
    nav,.skip{display:none}
    section{margin-top:1.5rem}
    tr,figure,.verdicts li{break-inside:avoid}
    h2,h3,h4{break-after:avoid}
    .scroll{overflow:visible}
    .h0,.h1,.h2,.h3,.h4,.h5,.h6,.h7,.swatch,.void,.clean,.band{print-color-adjust:exact;
    -webkit-print-color-adjust:exact}
    details::details-content{content-visibility:visible;block-size:auto;display:block}
    }
    """
}
