using System.Data.Common;
using Npgsql;

namespace Chasqui.Server.Storage;

/// <summary>A connection with the statements that were prepared on it.</summary>
internal abstract class Session(DbConnection connection) : IDisposable
{
    private readonly Dictionary<string, DbCommand> _prepared = new(ReferenceEqualityComparer.Instance);

    /// <summary>For statements that are rare enough to be prepared each time.</summary>
    public virtual DbConnection Connection => connection;

    /// <summary>
    /// A statement that stays prepared for as long as the connection lives, for what runs for every message or request.
    /// </summary>
    /// <param name="sql">A constant: it is found by reference.</param>
    /// <param name="parameters">The names of its parameters, in the order of <paramref name="values"/>.</param>
    /// <param name="values">Their values.</param>
    public virtual DbCommand Command(string sql, string[] parameters, params ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Create(sql, parameters);
            Set(command, values);
            if (connection is not NpgsqlConnection)
            {
                // Npgsql prepares by itself what comes again, on whichever connection of its pool, and without a round trip.
                command.Prepare();
            }

            _prepared.Add(sql, command);
        }
        else
        {
            Set(command, values);
        }

        return command;
    }

    public abstract void Dispose();

    protected void Close()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private static void Set(DbCommand command, ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }

    private DbCommand Create(string sql, string[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
