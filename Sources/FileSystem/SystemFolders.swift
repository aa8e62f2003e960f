/// Files that are there for a system and not for who made the folder.
package enum SystemFolders {
    /// What macOS, Synology, QNAP and Windows leave in folders and archives: thumbnails, resource forks and what was thrown
    /// away, which are pictures too.
    private static let names: Set<String> = [
        "__MACOSX", "@eaDir", "@Recycle", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found",
    ]

    /// Whether what is called so is passed over, with all that is below it: it begins with a point (previews, checkpoints
    /// and the like), or is a system's own.
    package static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") || names.contains(name) }
}
