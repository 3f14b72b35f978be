using Chasqui.Server.Configuration;

namespace Chasqui.Server.Storage;

/// <summary>Where the data is, and how writes are queued.</summary>
internal sealed class StorageOptions : IOptionsSection, IValidatableObject
{
    private const string Sqlite = nameof(Sqlite);
    private const string Postgres = nameof(Postgres);

    public const string DatabaseName = "chasqui.db";

    /// <summary>A running server keeps this file locked.</summary>
    public const string LockName = "chasqui.lock";

    public static string Section => "Storage";

    /// <summary>The database: <c>Sqlite</c> in the data folder, or <c>Postgres</c>, which several servers can share.</summary>
    public string Provider { get; set; } = Sqlite;

    /// <summary>The PostgreSQL database, as Npgsql has it: <c>Host=…;Database=…;Username=…;Password=…</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The folder of the database, relative to the working directory. The server creates it.</summary>
    [Required(ErrorMessage = "{0} must name a folder")]
    public string DataFolder { get; set; } = "data";

    /// <summary>Writes that wait for the writer. One more is refused as <c>overloaded</c>.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueuedWrites { get; set; } = 10_000;

    /// <summary>How long a statement waits for a database that another process has locked, in seconds.</summary>
    [Range(1, 60)]
    public int LockTimeoutSeconds { get; set; } = 2;

    public bool IsPostgres => IsProvider(Postgres);

    public string FullDataFolder => Path.GetFullPath(DataFolder);

    public string DatabaseFile => Path.Combine(FullDataFolder, DatabaseName);

    public string LockFile => Path.Combine(FullDataFolder, LockName);

    /// <summary>The server's files. Some exist only while it runs.</summary>
    public IEnumerable<string> Files => [DatabaseFile, DatabaseFile + "-wal", DatabaseFile + "-shm", LockFile];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsProvider(Sqlite) && !IsPostgres)
        {
            yield return new ValidationResult($"{Section}:{nameof(Provider)} must be {Sqlite} or {Postgres}");
        }

        if (IsPostgres && string.IsNullOrWhiteSpace(ConnectionString))
        {
            yield return new ValidationResult($"{Section}:{nameof(ConnectionString)} must name the PostgreSQL database");
        }

        if (IsProvider(Sqlite) && ConnectionString is not null)
        {
            yield return new ValidationResult($"{Section}:{nameof(ConnectionString)} is for {Section}:{nameof(Provider)}={Postgres} only");
        }
    }

    private bool IsProvider(string name) => name.Equals(Provider, StringComparison.OrdinalIgnoreCase);
}
