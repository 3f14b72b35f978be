namespace Chasqui.Server.Storage;

/// <summary>Runs, on the writer's thread, everything that is said about one commit.</summary>
internal delegate void CommitAnnouncer(Action announcements);
