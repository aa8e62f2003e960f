/// All rows of a run, and what there is to say about rows that are missing.
struct ResultSet {
    var rows: [MeasuredRow] = []
    var omissions: [String] = []
}
