using System.Data.Common;
using Chasqui.Server.Storage;
using Dapper;

namespace Chasqui.Server.Tasks;

/// <summary>A task; all users of the server share them.</summary>
internal sealed record TaskItem
{
    /// <summary>The task's bare uuid.</summary>
    public Guid Uuid { get; init; }

    /// <summary>What is to be done: not blank, at most 500 characters.</summary>
    public required string TaskName { get; init; }

    /// <summary>Whether it is done.</summary>
    public bool Completed { get; init; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last ticked off or on.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>The tasks.</summary>
internal sealed class TaskStore(DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    private const string Columns = "uuid, task_name, completed, created_at, updated_at";

    public async Task<IEnumerable<TaskItem>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.QueryAsync<TaskItem>(new CommandDefinition(
            $"SELECT {Columns} FROM tasks ORDER BY position", cancellationToken: cancellationToken));
    }

    public Task<TaskItem> AddAsync(string name)
    {
        var task = new { uuid = Guid.CreateVersion7(), name = name.ToBytes(), now = clock.GetUtcNow() };
        return writes.RunAsync(session => session.Connection.QuerySingle<TaskItem>(
            $"""
            INSERT INTO tasks (uuid, task_name, completed, created_at, updated_at)
            VALUES (@uuid, CAST(@name AS TEXT), 0, @now, @now)
            RETURNING {Columns}
            """,
            task));
    }

    /// <returns>The task, or <see langword="null"/> when there is none.</returns>
    public Task<TaskItem?> SetCompletedAsync(Guid uuid, bool completed)
    {
        var change = new { uuid, completed, now = clock.GetUtcNow() };
        return writes.RunAsync(session => session.Connection.QuerySingleOrDefault<TaskItem>(
            $"UPDATE tasks SET completed = @completed, updated_at = @now WHERE uuid = @uuid RETURNING {Columns}",
            change));
    }
}
